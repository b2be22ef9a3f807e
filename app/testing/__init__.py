"""What tests of this project and of plugins build on: real servers, fixtures, factories."""
