"""What content is: marshmallow shapes that know no Flask and no database."""
