"""The meaning of a text as vectors, by the sentence encoder that comes in a package.

In: title and text. Out: vectors, and how near two of them lie. I/O: reads the encoder's weights once. Imports nothing of ours.
"""
