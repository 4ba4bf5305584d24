"""The commands of `balcao`: one file a word after it."""
