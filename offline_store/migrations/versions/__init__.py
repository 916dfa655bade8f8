"""The steps of the till's store, in order of their numbers; a step that was released never changes."""
