"""Full-text search over incidents."""

from django.db import migrations

from incidents import search_index


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_shared_updates")]

    operations = [search_index.text_index()]
