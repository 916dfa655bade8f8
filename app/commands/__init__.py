"""The commands of the command line: here, and only here, the parts are put together."""
