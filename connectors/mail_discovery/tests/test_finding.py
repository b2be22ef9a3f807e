"""Promises about the search: the right servers for an address, by whoever is most trustworthy, in bounded time, and told step by step."""

from __future__ import annotations

import time

import pytest

from connectors.imap_smtp import Endpoint
from connectors.mail_discovery import find_servers
from connectors.mail_discovery.tests.conftest import create_reach, point_here
from connectors.mail_discovery.tests.documents import config_document, server
from connectors.mail_discovery.tests.web_server import Page

AT_HOME = "autoconfig.example.test/mail/config-v1.1.xml"
BELOW = "example.test/.well-known/autoconfig/mail/config-v1.1.xml"
IMAP, SMTP = Endpoint("mail.example.test", 993, "tls"), Endpoint("mail.example.test", 465, "tls")


def name_services(dns_server, *, imap="0 1 993 mail.example.test.", smtp="0 1 465 mail.example.test."):
    dns_server.put("_imaps._tcp.example.test", "SRV", imap)
    dns_server.put("_submissions._tcp.example.test", "SRV", smtp)


def test_a_known_domain_asks_nobody(find, dns_server, web):
    found = find("Ada@GMail.com")

    assert (found.source, found.imap.host, found.preset.key) == ("provider", "imap.gmail.com", "gmail")
    assert dns_server.questions == []


def test_an_own_domain_is_recognised_by_who_takes_its_mail(find, dns_server):
    dns_server.put("example.test", "MX", "10 in1-smtp.messagingengine.com.")

    found = find()

    assert (found.source, found.preset.key, found.smtp.host) == ("mx", "fastmail", "smtp.fastmail.com")
    assert found.steps[0].answer == "in1-smtp.messagingengine.com (Fastmail)"


def test_dns_names_the_servers_of_a_domain(find, dns_server):
    name_services(dns_server)

    found = find()

    assert (found.source, found.named_by, found.imap, found.smtp) == ("srv", "mail.example.test", IMAP, SMTP)
    assert found.is_confirmed


def test_starttls_is_used_where_dns_names_nothing_better(find, dns_server):
    dns_server.put("_imaps._tcp.example.test", "SRV", "0 0 0 .")
    dns_server.put("_imap._tcp.example.test", "SRV", "0 1 143 mail.example.test.")
    dns_server.put("_submission._tcp.example.test", "SRV", "0 1 587 mail.example.test.")

    found = find()

    assert found.imap == Endpoint("mail.example.test", 143, "starttls")
    assert found.smtp == Endpoint("mail.example.test", 587, "starttls")


def test_a_server_of_another_domain_that_dns_alone_names_is_to_be_confirmed(find, dns_server):
    name_services(dns_server, smtp="0 1 465 mail.elsewhere.test.")
    assert not find().is_confirmed

    name_services(dns_server, imap="0 1 993 imap.fastmail.com.", smtp="0 1 465 smtp.fastmail.com.")
    assert find().is_confirmed


@pytest.mark.parametrize("page", [AT_HOME, BELOW])
def test_the_domains_own_web_server_names_them(find, dns_server, web, page):
    point_here(dns_server, "autoconfig.example.test", "example.test")
    web.pages[page] = Page(config_document(server(username="%EMAILLOCALPART%"), server("smtp", port=465)))

    found = find()

    assert (found.source, found.imap, found.smtp, found.username) == ("autoconfig", IMAP, SMTP, "ada")
    assert found.named_by == page.partition("/")[0]
    assert web.asked[0] in (f"{AT_HOME}?emailaddress=ada%40example.test", f"{BELOW}?emailaddress=ada%40example.test")


def test_a_document_may_not_lead_into_our_own_network_except_below_its_domain(find, dns_server, web):
    point_here(dns_server, "autoconfig.example.test", "mail.example.test", "router.elsewhere.test")
    dns_server.put("mail.elsewhere.test", "A", "93.184.215.14")
    inside = server(host="router.elsewhere.test")
    web.pages[AT_HOME] = Page(config_document(inside, server("smtp", host="mail.elsewhere.test", port=465)))

    found = find()

    assert found.imap is None
    assert found.smtp == Endpoint("mail.elsewhere.test", 465, "tls")


def test_the_domain_itself_comes_before_lists_and_lists_are_not_asked_then(find, dns_server, web):
    name_services(dns_server)

    found = find(ispdb=f"https://localhost:{web.port}/v1.1/")

    assert found.source == "srv"
    assert web.asked == []


def test_a_list_is_asked_when_the_domain_says_nothing(find, web):
    web.pages["localhost/v1.1/example.test"] = Page(config_document())

    found = find(ispdb=f"https://localhost:{web.port}/v1.1/")

    assert (found.source, found.imap, found.smtp) == ("ispdb", IMAP, SMTP)


def test_a_list_is_asked_for_the_provider_that_takes_the_mail(find, dns_server, web):
    dns_server.put("example.test", "MX", "10 mx1.provider.test.")
    dns_server.put("imap.provider.test", "A", "93.184.215.14")
    web.pages["localhost/v1.1/provider.test"] = Page(config_document(server(host="imap.provider.test")))

    found = find(ispdb=f"https://localhost:{web.port}/v1.1")

    assert found.imap == Endpoint("imap.provider.test", 993, "tls")
    assert web.asked == ["localhost/v1.1/example.test", "localhost/v1.1/provider.test"]


def test_no_list_is_asked_when_it_is_switched_off(find, web):
    found = find(ispdb="")

    assert not found.is_whole
    assert "switched off" in [step.answer for step in found.steps]
    assert web.asked == []


def test_a_half_is_completed_by_whoever_knows_the_other_one(find, dns_server, web):
    dns_server.put("_imaps._tcp.example.test", "SRV", "0 1 993 mail.example.test.")
    point_here(dns_server, "autoconfig.example.test")
    web.pages[AT_HOME] = Page(config_document(server(host="other.example.test"), server("smtp", port=465)))

    found = find()

    assert (found.source, found.imap, found.smtp) == ("srv", IMAP, SMTP)


def test_usual_names_are_tried_when_nobody_names_any(dns_server, web, certificate, create_smtp_server):
    point_here(dns_server, "mail.example.test", "imap.example.test", "example.test")
    sending = create_smtp_server(security="starttls", users={"ada": "x"}, certificate=certificate)
    reach = create_reach(dns_server, web, certificate.client_context(), smtp_starttls=sending.port)

    found = find_servers("ada@example.test", reach=reach, ispdb="")

    assert found.source == "guess"
    assert found.smtp == Endpoint("mail.example.test", sending.port, "starttls")
    assert found.imap is None


def test_usual_names_answer_by_imap_too(dns_server, web, dovecot):
    certificate = dovecot.certificate.client_context()
    tls = create_reach(dns_server, web, certificate, imap_tls=dovecot.tls_port, imap_starttls=dovecot.port)
    starttls = create_reach(dns_server, web, certificate, imap_starttls=dovecot.port)

    assert find_servers("ada@localhost", reach=tls, ispdb="").imap == Endpoint("localhost", dovecot.tls_port, "tls")
    assert find_servers("ada@localhost", reach=starttls, ispdb="").imap == Endpoint(
        "localhost", dovecot.port, "starttls"
    )


def test_a_server_without_encryption_or_of_another_protocol_or_name_is_no_answer(
    dns_server, web, certificate, create_smtp_server, dovecot
):
    point_here(dns_server, "mail.example.test", "imap.example.test", "smtp.example.test")
    plain = create_smtp_server()
    reach = create_reach(
        dns_server,
        web,
        dovecot.certificate.client_context(),
        imap_tls=dovecot.tls_port,  # shows a certificate for localhost
        imap_starttls=plain.port,  # speaks SMTP
        smtp_starttls=plain.port,  # has no STARTTLS
        smtp_tls=plain.port,  # has no TLS
    )

    found = find_servers("ada@example.test", reach=reach, ispdb="")

    assert (found.imap, found.smtp) == (None, None)
    assert found.steps[-1].answer == "nobody answers"


def test_silent_name_servers_cost_a_bounded_time_and_are_told(dns_server, find):
    dns_server.silent_names.update({"example.test", "_imaps._tcp.example.test", "autoconfig.example.test"})
    began = time.monotonic()

    found = find(deadline_s=1.5)

    assert time.monotonic() - began < 3
    assert not found.is_whole
    assert any("in time" in step.answer for step in found.steps)


def test_a_server_that_says_nothing_is_not_waited_for(dns_server, web, certificate, create_smtp_server, create_proxy):
    point_here(dns_server, "mail.example.test")
    silent = create_proxy(create_smtp_server().port)
    silent.be_silent()
    reach = create_reach(dns_server, web, certificate.client_context(), imap_tls=silent.port, smtp_starttls=silent.port)
    began = time.monotonic()

    assert not find_servers("ada@example.test", reach=reach, ispdb="").is_whole
    assert time.monotonic() - began < 5


def test_an_international_domain_is_asked_for_in_ascii(find, dns_server):
    dns_server.put("_imaps._tcp.xn--bcher-kva.test", "SRV", "0 1 993 mail.xn--bcher-kva.test.")

    found = find("ada@Bücher.test")

    assert found.imap == Endpoint("mail.xn--bcher-kva.test", 993, "tls")


@pytest.mark.parametrize("address", ["ada", "", "@example.test", "ada@", "ada@exa mple.test", f"ada@{'a' * 70}.test"])
def test_what_is_no_address_is_refused(find, address):
    with pytest.raises(ValueError, match="not a mail address"):
        find(address)


def test_only_the_wanted_sources_are_asked(find, dns_server):
    dns_server.put("example.test", "MX", "10 in1-smtp.messagingengine.com.")

    assert find(sources=("srv",)).source is None
    assert find("ada@gmail.com", sources=("srv",)).source is None
