"""Internet addresses as limits count them."""

import pytest

from plugins.webform.visiting.visitors import address_of, network_of


@pytest.mark.parametrize(
    ("remote", "address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "unknown", "unknown"),
        (None, "unknown", "unknown"),
        ("not an address", "unknown", "unknown"),
    ],
)
def test_addresses_are_counted_alone_and_by_network(remote, address, network):
    assert (address_of(remote), network_of(remote)) == (address, network)
