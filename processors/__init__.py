"""The processor stage: news.articles in; classifications, matches, stories and alerts out."""
