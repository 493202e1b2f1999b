"""Commands about themes: check, test, classify, explain, stories, backtest, feedback report. Argument parsing and printing only."""
