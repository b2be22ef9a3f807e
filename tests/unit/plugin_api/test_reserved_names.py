"""The promise that no plugin takes a name the host needs for itself."""

import pytest

from app.plugin_api.errors import ManifestError
from app.plugin_api.manifest_fields import RESERVED_NAMES, is_name, name


@pytest.mark.parametrize("reserved", sorted(RESERVED_NAMES))
def test_a_name_of_the_host_is_refused_with_a_sentence(reserved):
    assert not is_name(reserved)
    with pytest.raises(ManifestError, match="which Tidings keeps for itself"):
        name({"name": reserved})


def test_a_name_that_only_begins_like_one_is_fine():
    assert name({"name": "core_values"}) == "core_values"
