"""What earlier versions left behind: journals and flows, as files."""
