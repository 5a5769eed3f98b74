

import agencies.identifiers
import alerts.models.public_alert
import cases.models.code
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agencies', '0001_initial'),
        ('cases', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(editable=False, max_length=24, unique=True, verbose_name='alert number')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting for approval'), ('approved', 'Approved'), ('active', 'Active'), ('cancelled', 'Cancelled'), ('expired', 'Expired'), ('discarded', 'Discarded')], default='draft', max_length=12, verbose_name='status')),
                ('is_exercise', models.BooleanField(default=False, verbose_name='exercise')),
                ('duration_hours', models.PositiveSmallIntegerField(default=24, verbose_name='duration in hours')),
                ('authors', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='authors since the last approval')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='submitted')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved')),
                ('content_hash', models.CharField(blank=True, max_length=64, verbose_name='hash of the approved content')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated')),
                ('expires_at', models.DateTimeField(blank=True, db_index=True, null=True, verbose_name='expires')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('end_reason', cases.models.code.CodeField(blank=True, list_name='end_reason', max_length=40, verbose_name='reason of the end')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='cases.case', verbose_name='case')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('photo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cases.photo', verbose_name='photo')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='agencies.alertprogram', verbose_name='alert program')),
                ('submitted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='submitted by')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'ordering': ['-created_at', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AlertMessage',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('msg_type', models.CharField(choices=[('Alert', 'Alert'), ('Update', 'Update'), ('Cancel', 'Cancel')], max_length=6, verbose_name='type')),
                ('identifier', models.CharField(max_length=80, verbose_name='CAP identifier')),
                ('sender', models.CharField(max_length=120, verbose_name='CAP sender')),
                ('sent', models.CharField(max_length=25, verbose_name='CAP sent, as transmitted')),
                ('references', models.TextField(blank=True, verbose_name='CAP references')),
                ('xml', models.BinaryField(verbose_name='CAP message')),
                ('texts', models.JSONField(default=dict, verbose_name='texts')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='alerts.alert', verbose_name='alert')),
            ],
            options={
                'verbose_name': 'CAP message',
                'verbose_name_plural': 'CAP messages',
                'ordering': ['created_at', 'id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AlertNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.alertprogram')),
            ],
            options={
                'verbose_name': 'alert number series',
                'verbose_name_plural': 'alert number series',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AlertText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language')),
                ('source', models.CharField(choices=[('composed', 'Composed from reviewed phrases'), ('edited', 'Edited by an officer')], default='composed', max_length=10, verbose_name='source')),
                ('event', models.CharField(max_length=80, verbose_name='event')),
                ('headline', models.CharField(max_length=160, verbose_name='headline')),
                ('description', models.TextField(max_length=2000, verbose_name='description')),
                ('instruction', models.TextField(max_length=1000, verbose_name='instruction')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='alerts.alert', verbose_name='alert')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('reviewer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewer')),
            ],
            options={
                'verbose_name': 'text of an alert',
                'verbose_name_plural': 'texts of alerts',
                'ordering': ['language'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('email', 'E-mail')], default='email', max_length=10, verbose_name='channel')),
                ('address', models.CharField(max_length=254, verbose_name='address')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('claimed', 'Being sent'), ('sent', 'Sent'), ('retry', 'Will be tried again'), ('failed', 'Failed for good'), ('suppressed', 'Suppressed')], default='queued', max_length=10, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt')),
                ('claimed_until', models.DateTimeField(blank=True, null=True, verbose_name='claimed until')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                ('token_hash', models.CharField(blank=True, db_index=True, max_length=64, verbose_name='hash of the token')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged')),
                ('acknowledged_name', models.CharField(blank=True, max_length=120, verbose_name='acknowledged by')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='alerts.alertmessage', verbose_name='CAP message')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['created_at', 'id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('outcome', models.CharField(choices=[('queued', 'Queued'), ('claimed', 'Being sent'), ('sent', 'Sent'), ('retry', 'Will be tried again'), ('failed', 'Failed for good'), ('suppressed', 'Suppressed')], max_length=10, verbose_name='outcome')),
                ('detail', models.CharField(blank=True, max_length=200, verbose_name='detail')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='alerts.delivery', verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'delivery attempt',
                'verbose_name_plural': 'delivery attempts',
                'ordering': ['at', 'id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('cancel_alert', 'Cancel the alert: the child was recovered')], max_length=20, verbose_name='kind')),
                ('status', models.CharField(choices=[('open', 'Open'), ('discharged', 'Discharged')], default='open', max_length=12, verbose_name='status')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('discharged_at', models.DateTimeField(blank=True, null=True, verbose_name='discharged')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='alerts.alert', verbose_name='alert')),
                ('discharged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='discharged by')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='agencies.alertprogram', verbose_name='alert program')),
            ],
            options={
                'verbose_name': 'duty',
                'verbose_name_plural': 'duties',
                'ordering': ['due_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ExtensionRequest',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(editable=False, max_length=40, unique=True, verbose_name='number')),
                ('kind', cases.models.code.CodeField(blank=True, list_name='request_kind', max_length=40, verbose_name='kind')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('information_asked', 'More information needed'), ('answered', 'Information answered'), ('accepted', 'Accepted'), ('accepted_changed_area', 'Accepted with a changed area'), ('accepted_lower_level', 'Accepted at a lower level'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('activated', 'Activated'), ('activated_outside', 'Activated outside the portal'), ('cancellation_asked', 'Cancellation asked for'), ('cancelled', 'Cancelled'), ('confirmed', 'Cancellation confirmed')], default='draft', max_length=24, verbose_name='status')),
                ('note', models.TextField(blank=True, max_length=2000, verbose_name='note to the program')),
                ('note_language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language of the note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged')),
                ('receiver_reference', models.CharField(blank=True, max_length=60, verbose_name="receiver's own folio")),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('decline_reason', cases.models.code.CodeField(blank=True, list_name='decline_reason', max_length=40, verbose_name='reason')),
                ('alternative', cases.models.code.CodeField(blank=True, list_name='alternative', max_length=40, verbose_name='alternative offered')),
                ('decision_note', models.TextField(blank=True, max_length=2000, verbose_name='note on the decision')),
                ('decision_language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language of the note on the decision')),
                ('activated_at', models.DateTimeField(blank=True, null=True, verbose_name='activated')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='cancellation confirmed')),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='acknowledged by')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='cases.case', verbose_name='case')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('criteria', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.criteriaversion', verbose_name='criteria it was decided under')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='agencies.alertprogram', verbose_name='receiving program')),
                ('requesting_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='requesting agency')),
                ('sent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent by')),
            ],
            options={
                'verbose_name': 'request',
                'verbose_name_plural': 'requests',
                'ordering': ['-created_at', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddField(
            model_name='alert',
            name='request',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alert', to='alerts.extensionrequest', verbose_name='request'),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('request_received', 'Request received'), ('request_answered', 'Request answered'), ('approval_wanted', 'Approval wanted'), ('recovery', 'Recovery'), ('child_located', 'Child located, identity pending'), ('cancel_duty', 'Alert to be cancelled')], max_length=20, verbose_name='kind')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('alert', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.alert', verbose_name='alert')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='case')),
                ('request', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.extensionrequest', verbose_name='request')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-created_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='notice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='alerts.notice', verbose_name='notice'),
        ),
        migrations.CreateModel(
            name='PublicAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=alerts.models.public_alert.new_public_id, max_length=20, unique=True, verbose_name='public address')),
                ('number', models.CharField(max_length=24, unique=True, verbose_name='alert number')),
                ('country', models.CharField(choices=[('US', 'United States'), ('MX', 'Mexico'), ('CA', 'Canada')], max_length=2, verbose_name='country')),
                ('is_exercise', models.BooleanField(default=False, verbose_name='exercise')),
                ('time_zone', models.CharField(max_length=40, verbose_name='time zone')),
                ('sent_at', models.DateTimeField(verbose_name='as of')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('cap_xml', models.BinaryField(default=b'', verbose_name='CAP message')),
                ('alert', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='public', to='alerts.alert', verbose_name='alert')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.alertprogram', verbose_name='alert program')),
            ],
            options={
                'verbose_name': 'public alert',
                'verbose_name_plural': 'public alerts',
                'ordering': ['-sent_at'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='PublicAlertText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language')),
                ('event', models.CharField(max_length=80, verbose_name='event')),
                ('headline', models.CharField(max_length=160, verbose_name='headline')),
                ('description', models.TextField(verbose_name='description')),
                ('instruction', models.TextField(verbose_name='instruction')),
                ('public_alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='alerts.publicalert', verbose_name='public alert')),
            ],
            options={
                'verbose_name': 'public text',
                'verbose_name_plural': 'public texts',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='PublicPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=alerts.models.public_alert.new_public_id, max_length=20, unique=True, verbose_name='public address')),
                ('jpeg', models.BinaryField(verbose_name='picture')),
                ('public_alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='alerts.publicalert', verbose_name='public alert')),
            ],
            options={
                'verbose_name': 'public photo',
                'verbose_name_plural': 'public photos',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('kind', models.CharField(choices=[('media', 'Media'), ('police', 'Police'), ('border', 'Border post'), ('transport', 'Transport'), ('partner', 'Partner organization')], max_length=10, verbose_name='kind')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_exercise_only', models.BooleanField(default=False, verbose_name='for exercises only')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recipients', to='agencies.alertprogram', verbose_name='alert program')),
            ],
            options={
                'verbose_name': 'recipient',
                'verbose_name_plural': 'recipients',
                'ordering': ['program', 'name'],
            },
        ),
        migrations.AddField(
            model_name='delivery',
            name='recipient',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='alerts.recipient', verbose_name='recipient'),
        ),
        migrations.CreateModel(
            name='AlertArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='alerts.alert', verbose_name='alert')),
                ('subdivision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.subdivision', verbose_name='state, entity or province')),
            ],
            options={
                'verbose_name': 'area of an alert',
                'verbose_name_plural': 'areas of alerts',
                'ordering': ['subdivision'],
                'default_permissions': ('view',),
                'constraints': [models.UniqueConstraint(fields=('alert', 'subdivision'), name='one_area_per_subdivision')],
            },
        ),
        migrations.AddConstraint(
            model_name='alertmessage',
            constraint=models.UniqueConstraint(fields=('sender', 'identifier', 'sent'), name='one_cap_triple'),
        ),
        migrations.AddConstraint(
            model_name='alertnumber',
            constraint=models.UniqueConstraint(fields=('program', 'year'), name='one_alert_series_per_year'),
        ),
        migrations.AddConstraint(
            model_name='alerttext',
            constraint=models.UniqueConstraint(fields=('alert', 'language'), name='one_text_per_alert_and_language'),
        ),
        migrations.AddConstraint(
            model_name='alerttext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at__isnull', True), ('reviewer__isnull', True)), models.Q(('reviewed_at__isnull', False), ('reviewer__isnull', False)), _connector='OR'), name='text_reviewed_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('alert', 'kind'), name='one_open_duty_per_alert_and_kind'),
        ),
        migrations.AddConstraint(
            model_name='duty',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('discharged_at__isnull', True), ('discharged_by__isnull', True)), models.Q(('discharged_at__isnull', False), ('discharged_by__isnull', False)), _connector='OR'), name='duty_discharged_at_and_by'),
        ),
        migrations.AddIndex(
            model_name='extensionrequest',
            index=models.Index(fields=['program', '-created_at'], name='request_received'),
        ),
        migrations.AddIndex(
            model_name='extensionrequest',
            index=models.Index(fields=['requesting_agency', '-created_at'], name='request_asked'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'sent', 'acknowledged', 'information_asked', 'answered', 'accepted', 'accepted_changed_area', 'accepted_lower_level', 'declined', 'withdrawn', 'activated', 'activated_outside', 'cancellation_asked', 'cancelled', 'confirmed'])), name='request_status_known'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', True), ('sent_by__isnull', True)), models.Q(('sent_at__isnull', False), ('sent_by__isnull', False)), _connector='OR'), name='request_sent_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True)), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False)), _connector='OR'), name='request_acknowledged_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='extensionrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='request_decided_at_and_by'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['program', '-created_at'], name='alert_of_program'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'active')), fields=['expires_at'], name='alert_active_expiry'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'submitted', 'approved', 'active', 'cancelled', 'expired', 'discarded'])), name='alert_status_known'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('submitted_at__isnull', True), ('submitted_by__isnull', True)), models.Q(('submitted_at__isnull', False), ('submitted_by__isnull', False)), _connector='OR'), name='alert_submitted_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='alert_approved_at_and_by'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'active'), _negated=True), models.Q(('activated_at__isnull', False), ('expires_at__isnull', False)), _connector='OR'), name='active_alert_has_term'),
        ),
        migrations.AddIndex(
            model_name='publicalert',
            index=models.Index(condition=models.Q(('withdrawn_at__isnull', True)), fields=['-sent_at'], name='public_alert_live'),
        ),
        migrations.AddConstraint(
            model_name='publicalerttext',
            constraint=models.UniqueConstraint(fields=('public_alert', 'language'), name='one_public_text_per_language'),
        ),
        migrations.AddConstraint(
            model_name='recipient',
            constraint=models.UniqueConstraint(fields=('program', 'email'), name='one_recipient_per_address'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'claimed', 'retry'))), fields=['next_attempt_at'], name='delivery_due'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('message', 'recipient', 'channel'), name='one_delivery_per_recipient'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('notice', 'user', 'channel'), name='one_delivery_per_user'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('message__isnull', False), ('notice__isnull', True), ('recipient__isnull', False), ('user__isnull', True)), models.Q(('message__isnull', True), ('notice__isnull', False), ('recipient__isnull', True), ('user__isnull', False)), _connector='OR'), name='delivery_is_message_or_notice'),
        ),
    ]
