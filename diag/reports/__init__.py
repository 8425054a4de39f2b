"""What a Recording looks like to a reader: a file a format or a picture."""
