"""Log files of any size and format: lines, records, filters, search."""
