"""What all panes share and that knows none of them."""
