"""What agents send: the rows of it, its pictures, leaving later, being taken back, forwarding. Asking for it is `app.services.replies`,
handing it to a channel is `app.services.delivery`."""
