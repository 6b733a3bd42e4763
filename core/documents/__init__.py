"""Documents: numbered PDFs that are never changed, the data they show, and the page that verifies them."""
