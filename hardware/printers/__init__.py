"""Receipt printers: renderers that turn a receipt into text, bytes or a picture, and the queue that prints it."""
