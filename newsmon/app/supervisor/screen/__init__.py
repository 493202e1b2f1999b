"""What `newsmon run` shows: scraped metrics become a status line or a live view."""
