"""What one article offers for comparison: names, places, numbers, event words, words, and a sketch of its text.

In: title, text, language. Out: Features, Sketch, and the flat forms that records keep. May import meaning.
"""
