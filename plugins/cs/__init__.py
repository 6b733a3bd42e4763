"""Customer service: tickets, complaints, after-sale cases, promises to buyers, ratings."""
