"""What the hooks are, and whether a plugin's implementations fit them. How they are called is in `app.plugin_host.calls`."""
