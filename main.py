"""The door: `python main.py --help` lists what Guitai can do."""

from app.commands.entry import main

if __name__ == "__main__":
    main()
