"""The core of Tidings: models, services, web and jobs. It knows no channel by name; channels live in `plugins/`."""
