"""Pages around a visit: answering a question, the day itself, confirming, thanking, the receipt."""
