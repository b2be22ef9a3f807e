"""Forms of other programs as definitions. What cannot be taken over is said in remarks; nothing is dropped in silence."""

from forms.definitions.importing.contact_form_7 import import_contact_form_7
from forms.definitions.importing.drafts import Imported
from forms.definitions.importing.gravity import import_gravity

__all__ = ["Imported", "import_contact_form_7", "import_gravity"]
