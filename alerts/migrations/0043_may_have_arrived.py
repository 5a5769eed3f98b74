from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0039_area_of_updates'),
    ]

    operations = [
        migrations.AddField(
            model_name='delivery',
            name='may_have_arrived',
            field=models.BooleanField(default=False, verbose_name='an earlier try may have arrived'),
        ),
    ]
