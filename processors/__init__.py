"""news.articles -> classifications, matches, stories, alerts."""
