"""The command line, one file a group of commands. Reads settings, calls ``wiring``, prints; decides nothing."""
