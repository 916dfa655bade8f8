"""How a sale is paid: tenders, their rules, cash rounding and the notes a person would hand over."""
