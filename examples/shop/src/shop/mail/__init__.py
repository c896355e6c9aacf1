"""Mails to customers and to the shop's own people."""
