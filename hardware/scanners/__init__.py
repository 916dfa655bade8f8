"""What reads codes: scanners on wires and keyboards, and pictures from cameras and files."""
