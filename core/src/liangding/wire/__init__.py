"""What goes over the line: envelope, JSON, signing schemes, transport, and the dialects that platforms answer in."""
