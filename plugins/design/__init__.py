"""Design: page requests, photo shoots and retouching."""
