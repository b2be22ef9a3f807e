"""WTForms classes and the form-definition engine. Choices are passed in; nothing here queries or imports another room."""
