"""One label an item: majority vote and Dawid-Skene, soft labels, the relabel queue."""
