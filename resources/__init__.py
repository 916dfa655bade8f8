"""Themes, sounds, translations, receipt layouts and the sample store; no logic."""
