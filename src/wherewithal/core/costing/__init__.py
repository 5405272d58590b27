"""What the stock of one book should be worth: a pure function of its facts and policies."""
