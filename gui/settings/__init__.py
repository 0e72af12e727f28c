"""What the app remembers between starts: `store` puts it into the platform's settings and gives it back."""
