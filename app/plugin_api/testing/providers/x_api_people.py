"""What people do on the fake of X: they post, answer, quote, write direct messages, edit and delete, and take rights back."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.plugin_api.testing.providers.x_api_state import Media, Message, Person, Post, State
from app.plugin_api.testing.providers.x_api_words import legacy_message, legacy_post, legacy_user

__all__ = ["People"]

_LINK = re.compile(r"https?://\S+")
_NAME = re.compile(r"@(\w{1,15})")
_PNG = b"\x89PNG\r\n\x1a\n"


class People:
    """A part of `FakeX`. Each doing is told to the webhook, where the account is subscribed and `is_telling`."""

    state: State
    account: Person
    now: Callable[[], datetime]
    revoked_people: set[str]
    tell: Callable[[dict[str, Any]], None]

    def add_person(self, name: str = "Ada Example", username: str = "", *, takes_messages: bool = True) -> Person:
        """Somebody new."""
        person_id = self.state.new_id(self.now())
        person = Person(person_id, username or f"person{len(self.state.people) + 1}", name, takes_messages)
        self.state.people[person.id] = person
        return person

    def picture(self, content: bytes = _PNG, alt_text: str = "", *, of_message: bool = False) -> Media:
        """A photo, to be put to a post or message."""
        number = self.state.new_id(self.now())
        path = f"ton.twitter.com/1.1/ton/data/dm/{number}/{number}" if of_message else "pbs.twimg.com/media"
        return self._kept(Media(f"3_{number}", "photo", f"https://{path}/{number}.png", content, "image/png", alt_text))

    def video(self, content: bytes = b"\0\0\0\x18ftypmp42") -> Media:
        """A video, to be put to a post."""
        number = self.state.new_id(self.now())
        url = f"https://video.twimg.com/ext_tw_video/{number}.mp4"
        return self._kept(Media(f"7_{number}", "video", url, content, "video/mp4"))

    def post(
        self,
        author: Person,
        text: str,
        *,
        in_reply_to: Post | None = None,
        quotes: Post | None = None,
        reposts: Post | None = None,
        media: Sequence[Media] = (),
    ) -> Post:
        """A post. Whoever is answered is mentioned, as X's own programs do it."""
        if in_reply_to and in_reply_to.author is not author:
            text = f"@{in_reply_to.author.username} {text}"
        post = self.store_post(author, text, in_reply_to=in_reply_to, quotes=quotes, reposts=reposts, media=media)
        self._tell_of(post)
        return post

    def mention(self, author: Person, text: str, **more: Any) -> Post:
        """A post that begins with the account's name."""
        return self.post(author, f"@{self.account.username} {text}", **more)

    def edit(self, post: Post, text: str) -> Post:
        """A new version, with an id of its own."""
        self.state.gone.add(post.id)
        newer = self.store_post(post.author, text, in_reply_to=post.in_reply_to, quotes=post.quotes, media=post.media)
        newer.versions = (*(post.versions or (post.id,)), newer.id)
        newer.conversation_id = newer.id if post.conversation_id == post.id else post.conversation_id
        self._tell_of(newer)
        return newer

    def delete(self, post: Post) -> None:
        """Take a post back. X tells only of posts of those who are subscribed."""
        self.state.gone.add(post.id)
        if post.author is self.account:
            stamp = str(int(self.now().timestamp() * 1000))
            item = {"status": {"id": post.id, "user_id": post.author.id}, "timestamp_ms": stamp}
            self.tell({"for_user_id": self.account.id, "tweet_delete_events": [item]})

    def message(self, person: Person, text: str, media: Media | None = None, *, by_account: bool = False) -> Message:
        """A direct message from the person to the account, or the other way round from another program."""
        sender, recipient = (self.account, person) if by_account else (person, self.account)
        message = self.store_message(sender, recipient, text, media)
        self.tell(self.body_of(message))
        return message

    def has_read(self, person: Person, message: Message) -> None:
        """The person has read the account's message."""
        stamp = str(int(self.now().timestamp() * 1000))
        target = {"recipient_id": self.account.id}
        item = {
            "created_timestamp": stamp,
            "sender_id": person.id,
            "target": target,
            "last_read_event_id": message.id,
        }
        self.tell({"for_user_id": self.account.id, "direct_message_mark_read_events": [item], "users": {}})

    def take_rights_back(self) -> None:
        """The account's owner removes the app in X's settings: every token ends."""
        for token in self.state.tokens.values():
            token.is_revoked = True
        self.revoked_people.add(self.account.id)
        source = {"user_id": self.account.id}
        revoke = {"date_time": self.now().isoformat(), "target": {"app_id": "13090192"}, "source": source}
        self.tell({"user_event": {"revoke": revoke}})
        for webhook in self.state.webhooks.values():
            webhook.subscribed = [one for one in webhook.subscribed if one != self.account.id]

    def body_of(self, item: Post | Message) -> dict[str, Any]:
        """The webhook's body of a post or message."""
        if isinstance(item, Post):
            return {"for_user_id": self.account.id, "tweet_create_events": [legacy_post(item)]}
        users = {one.id: legacy_user(one) for one in (item.sender, item.recipient)}
        return {"for_user_id": self.account.id, "direct_message_events": [legacy_message(item)], "users": users}

    # ---- kept without telling
    def store_post(self, author: Person, text: str, **more: Any) -> Post:
        post_id = self.state.new_id(self.now())
        answered, quotes = more.get("in_reply_to"), more.get("quotes")
        text = f"{text} https://x.com/{quotes.author.username}/status/{quotes.id}" if quotes else text
        names = {one.casefold() for one in _NAME.findall(text)}
        post = Post(
            id=post_id,
            author=author,
            text=text,
            at=self.now(),
            conversation_id=answered.conversation_id if answered else post_id,
            mentioned=tuple(one for one in self.state.people.values() if one.username.casefold() in names),
            links=self._links(text),
            versions=(post_id,),
            **{**more, "media": tuple(more.get("media", ()))},
        )
        self.state.posts[post.id] = post
        return post

    def store_message(
        self, sender: Person, recipient: Person, text: str, media: Media | None = None, *, is_by_app: bool = False
    ) -> Message:
        first, second = sorted((sender.id, recipient.id), key=int)
        message = Message(
            id=self.state.new_id(self.now()),
            sender=sender,
            recipient=recipient,
            text=text,
            at=self.now(),
            conversation_id=f"{first}-{second}",
            links=self._links(text),
            media=media,
            is_by_app=is_by_app,
        )
        self.state.messages[message.id] = message
        return message

    def concerns_account(self, post: Post) -> bool:
        """Whether X tells the account of a post: by it, mentioning it, quoting it or passing it on."""
        others = (post.in_reply_to, post.quotes, post.reposts)
        is_named = self.account in post.mentioned or post.author is self.account
        return is_named or any(other is not None and other.author is self.account for other in others)

    def _tell_of(self, post: Post) -> None:
        if self.concerns_account(post):
            self.tell(self.body_of(post))

    def _links(self, text: str) -> dict[str, str]:
        return {f"https://t.co/{self.state.new_id(self.now())[-10:]}": link for link in _LINK.findall(text)}

    def _kept(self, media: Media) -> Media:
        self.state.media[media.key] = media
        return media
