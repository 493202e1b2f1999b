"""feeds -> news.articles: fetch, parse, clean, publish."""
