"""What people do at the fake of Meta's Graph API, and what Meta sends to the app because of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.plugin_api.testing.providers.meta_graph_callback import Callback
from app.plugin_api.testing.providers.meta_graph_state import Comment, Message, Person, Post, State


class People(Callback):
    """A part of `FakeMetaGraph`: each method is somebody's doing. State changes at once, then the webhook goes out."""

    state: State
    app_id: str

    def write(
        self,
        person: Person,
        text: str,
        *,
        is_by_page: bool = False,
        attachments: Sequence[Mapping[str, Any]] = (),
        **more: object,
    ) -> Message:
        """Put a message into the thread; a person's is told to the app, `more` being further fields of it ("reply_to", "referral" …)."""
        number = self.state.new_id()
        message = Message(f"m_{number}", person.page_id, person.id, is_by_page, text, self.now(), tuple(attachments))
        self.state.messages[message.id] = message
        if not is_by_page:
            content = {"mid": message.id, "text": text, "attachments": list(message.attachments), **more}
            self.tell(person, "messages", message={key: value for key, value in content.items() if value})
        return message

    def echo(self, person: Person, message: Message, *, app_id: str = "", metadata: str = "") -> None:
        """Tell what the page wrote, here or elsewhere."""
        content = {
            "mid": message.id, "text": message.text, "attachments": list(message.attachments), "is_echo": True,
            "app_id": int(app_id or 0), "metadata": metadata,
        }  # fmt: skip
        told = {key: value for key, value in content.items() if value}
        field = "messages" if person.platform == "instagram" else "message_echoes"
        self.tell(person, field, is_from_page=True, message=told)

    def answer_elsewhere(self, person: Person, text: str) -> Message:
        """Somebody answers in Meta's own inbox."""
        message = self.write(person, text, is_by_page=True)
        self.echo(person, message, app_id="263902037430900")
        return message

    def unsend(self, message: Message) -> None:
        """A person takes a message back."""
        del self.state.messages[message.id]
        self.tell(self.state.people[message.person_id], "messages", message={"mid": message.id, "is_deleted": True})

    def edit(self, message: Message, text: str) -> None:
        """A person changes a message."""
        message.text = text
        person = self.state.people[message.person_id]
        self.tell(person, "message_edits", message_edit={"mid": message.id, "text": text, "num_edit": 1})

    def react(self, person: Person, message: Message, emoji: str = "❤", reaction: str = "love") -> None:
        """A person puts a reaction on a message; an empty `emoji` takes it back."""
        given = {"emoji": emoji, "reaction": reaction} if emoji else {}
        told = {"mid": message.id, "action": "react" if emoji else "unreact", **given}
        self.tell(person, "message_reactions", reaction=told)

    def press(self, person: Person, title: str, payload: str) -> None:
        """A person presses a button."""
        self.tell(
            person,
            "messaging_postbacks",
            postback={"mid": f"m_{self.state.new_id()}", "title": title, "payload": payload},
        )

    def come_by(self, person: Person, ref: str) -> None:
        """A person opens the conversation through an m.me link."""
        self.tell(person, "messaging_referrals", referral={"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"})

    def read(self, person: Person) -> None:
        """A person reads everything."""
        self.tell(person, "message_reads", read={"watermark": self.milliseconds()})

    def hand_over(self, person: Person, owner: str, action: str, metadata: str) -> None:
        """Control of a thread goes to an app; ours is told when it gains or loses it."""
        before, person.thread_owner = person.thread_owner, owner
        told = {"previous_owner_app_id": before or None, "new_owner_app_id": owner, "metadata": metadata}
        event: dict[str, Any] = {f"{action}_thread_control": told}
        self.tell(person, "messaging_handovers", **event)

    def tell(self, person: Person, field: str, *, is_from_page: bool = False, **event: object) -> None:
        """Send an event of a thread, in standby where another app holds it. Nothing goes out for a field nobody subscribed to."""
        page = self.state.pages[person.page_id]
        own = page.instagram_id if person.platform == "instagram" else page.id
        ends = {"id": own}, {"id": person.id}
        sender, recipient = ends if is_from_page else ends[::-1]
        item = {"sender": sender, "recipient": recipient, "timestamp": self.milliseconds(), **event}
        is_standby = person.thread_owner not in ("", self.app_id) and field != "messaging_handovers"
        if ("standby" if is_standby else field) not in page.subscribed:
            return
        kind = "instagram" if person.platform == "instagram" else "page"
        entry = {"time": self.milliseconds(), "id": own, "standby" if is_standby else "messaging": [item]}
        self.deliver({"object": kind, "entry": [entry]})

    def add_post(self, page_id: str, text: str) -> Post:
        """The page posts something."""
        post = Post(f"{page_id}_{self.state.new_id()}", page_id, text, self.now())
        self.state.posts[post.id] = post
        return post

    def write_comment(
        self, page_id: str, post_id: str, text: str, *, author: tuple[str, str], parent_id: str = ""
    ) -> Comment:
        """Somebody (id, name) comments on a post or answers a comment."""
        number = f"{post_id.rpartition('_')[2]}_{self.state.new_id()}"
        comment = Comment(number, page_id, post_id, *author, text, self.now(), parent_id)
        self.state.comments[comment.id] = comment
        self._tell_comment(comment, "add", message=text)
        return comment

    def comment(self, person: Person, post: Post, text: str, *, under: Comment | None = None) -> Comment:
        """A person comments."""
        author, above = (person.id, person.name), under.id if under else ""
        return self.write_comment(post.page_id, post.id, text, author=author, parent_id=above)

    def edit_comment(self, comment: Comment, text: str) -> None:
        """The author changes a comment."""
        comment.text = text
        self._tell_comment(comment, "edited", message=text)

    def hide_comment(self, comment: Comment, *, is_hidden: bool = True) -> None:
        """The page hides a comment or shows it again."""
        comment.is_hidden = is_hidden
        self._tell_comment(comment, "hide" if is_hidden else "unhide")

    def remove_comment(self, comment: Comment) -> None:
        """Somebody deletes a comment; the answers to it go too."""
        for answer in [one for one in self.state.comments.values() if one.parent_id == comment.id]:
            del self.state.comments[answer.id]
        del self.state.comments[comment.id]
        self._tell_comment(comment, "remove")

    def write_whatsapp(self, number_id: str, wa_id: str, name: str, **content: Any) -> str:
        """A person writes to a business number: `text={"body": "Hi"}`, `image={"id": …}`; returns the message's id."""
        number = self.state.numbers[number_id]
        number.last_written_at[wa_id] = self.now()
        message_id, (kind, value) = f"wamid.{self.state.new_id()}", next(iter(content.items()))
        message = {"from": wa_id, "id": message_id, "timestamp": self.seconds(), "type": kind, kind: value}
        self._tell_whatsapp(number_id, contacts=[{"profile": {"name": name}, "wa_id": wa_id}], messages=[message])
        return message_id

    def tell_status(self, number_id: str, message: Message, status: str, **more: object) -> None:
        """WhatsApp tells how far a message came; `errors` go into `more`."""
        told = {
            "id": message.id,
            "status": status,
            "timestamp": self.seconds(),
            "recipient_id": message.person_id,
            **more,
        }
        self._tell_whatsapp(number_id, statuses=[told])

    def _tell_comment(self, comment: Comment, verb: str, **more: object) -> None:
        page = self.state.pages[comment.page_id]
        if self.is_on_instagram(comment):
            if verb == "add" and page.subscribed:
                self._tell_instagram_comment(page.instagram_id, comment)
            return
        if "feed" not in page.subscribed:
            return
        value = {
            "from": {"id": comment.author_id, "name": comment.author_name},
            "post": {"permalink_url": f"https://www.facebook.com/{comment.post_id}", "id": comment.post_id},
            "post_id": comment.post_id,
            "comment_id": comment.id,
            "parent_id": comment.parent_id or comment.post_id,
            "created_time": int(self.now().timestamp()),
            "item": "comment",
            "verb": verb,
            **more,
        }
        entry = {"id": page.id, "time": int(self.now().timestamp()), "changes": [{"field": "feed", "value": value}]}
        self.deliver({"object": "page", "entry": [entry]})

    def is_on_instagram(self, comment: Comment) -> bool:
        """Whether a comment is by somebody on Instagram, or by the account there."""
        author = self.state.people.get(comment.author_id)
        is_by_account = comment.author_id == self.state.pages[comment.page_id].instagram_id
        return is_by_account or (author is not None and author.platform == "instagram")

    def _tell_instagram_comment(self, account_id: str, comment: Comment) -> None:
        """Instagram tells additions only, and no time but the entry's."""
        value = {
            "id": comment.id,
            "text": comment.text,
            "from": {"id": comment.author_id, "username": comment.author_name.lower().replace(" ", ".")},
            "media": {"id": comment.post_id, "media_product_type": "FEED"},
            **({"parent_id": comment.parent_id} if comment.parent_id else {}),
        }
        entry = {
            "id": account_id,
            "time": int(self.now().timestamp()),
            "changes": [{"field": "comments", "value": value}],
        }
        self.deliver({"object": "instagram", "entry": [entry]})

    def _tell_whatsapp(self, number_id: str, **lists: object) -> None:
        number = self.state.numbers[number_id]
        if number.business_id not in self.state.subscribed_businesses:
            return
        ours = {"display_phone_number": number.display, "phone_number_id": number.id}
        value = {"messaging_product": "whatsapp", "metadata": ours, **lists}
        entry = {"id": number.business_id, "changes": [{"value": value, "field": "messages"}]}
        self.deliver({"object": "whatsapp_business_account", "entry": [entry]})
