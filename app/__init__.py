"""What the shop does: plain Python over frozen values, without Qt, SQL or device bytes."""
