"""The worth of an inbox: labelled news through `newsmon rehearse`, compared with what an editor would have wanted.

In: labelled series of tests/data/stories, or a folder with a stream, labels and events. Out: `Inbox`, figures and the cases behind them.
"""
