

import agencies.identifiers
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import guardian.mixins
from django.conf import settings
from django.db import migrations, models


# The application owns nothing: it may read and write rows, but neither change tables nor truncate them.
# Whoever migrates is the owner; the roles themselves are made when the server is set up (docs/operations.md).
DATABASE_ROLES = """
DO $$ BEGIN
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('amber_app', 'amber_purge')) < 2 THEN
        RAISE EXCEPTION 'The database roles amber_app and amber_purge are missing'
            USING HINT = 'Create them as docs/operations.md describes, then migrate again.';
    END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO amber_app, amber_purge;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO amber_app;
GRANT SELECT, DELETE ON ALL TABLES IN SCHEMA public TO amber_purge;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO amber_app, amber_purge;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM amber_app, amber_purge;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO amber_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO amber_purge;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO amber_app, amber_purge;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.RunSQL(DATABASE_ROLES, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('full_name', models.CharField(max_length=160, verbose_name='full name')),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], default='en', max_length=2, verbose_name='language')),
                ('reads_languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2), blank=True, default=list, help_text='Nobody approves words they cannot read.', size=None, verbose_name='languages read')),
                ('time_zone', models.CharField(default='UTC', max_length=40, verbose_name='time zone')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may enter the administration')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'ordering': ['email'],
            },
            bases=(guardian.mixins.GuardianUserMixin, models.Model),
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('name_en', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('name_es', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('name_fr', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('police', 'Police service'), ('prosecution', "Prosecutor's office"), ('alert_program', 'Alert program'), ('clearinghouse', 'Missing-persons clearinghouse'), ('central_authority', 'Central Authority'), ('border_agency', 'Border agency'), ('consulate', 'Consulate'), ('national_hub', 'National hub')], max_length=20, verbose_name='kind')),
                ('country', models.CharField(choices=[('US', 'United States'), ('MX', 'Mexico'), ('CA', 'Canada')], max_length=2, verbose_name='country')),
                ('time_zone', models.CharField(default='UTC', max_length=40, verbose_name='time zone')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2), default=list, size=None, verbose_name='working languages')),
                ('desk_phone', models.CharField(blank=True, help_text='E.164 format.', max_length=20, verbose_name='24-hour desk phone')),
                ('desk_email', models.EmailField(blank=True, max_length=254, verbose_name='24-hour desk e-mail')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='agencies.agency', verbose_name='parent agency')),
            ],
            options={
                'verbose_name': 'agency',
                'verbose_name_plural': 'agencies',
                'ordering': ['country', 'code'],
                'permissions': (('view_cases', 'Read cases'), ('edit_cases', 'Open and edit cases'), ('import_cases', 'Import alerts of partners'), ('send_requests', 'Send requests to other programs'), ('answer_requests', 'Acknowledge and decide requests'), ('compose_alerts', 'Compose, submit and activate alerts'), ('approve_alerts', 'Approve alerts'), ('withdraw_public', 'Withdraw what is public'), ('report_recovery', 'Report that a child was located'), ('confirm_identity', "Confirm a child's identity"), ('give_opinions', 'Record legal opinions'), ('look_up_cases', 'Look up cases in the administration'), ('manage_people', 'Manage people and memberships'), ('manage_reference_data', 'Manage programs, criteria and code lists'), ('read_audit', 'Read the audit trail')),
                'default_permissions': ('add', 'change', 'view'),
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True, verbose_name='when')),
                ('action', models.CharField(max_length=60, verbose_name='action')),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('denied', 'Denied'), ('failed', 'Failed')], default='done', max_length=8, verbose_name='outcome')),
                ('channel', models.CharField(choices=[('page', 'Page'), ('api', 'API'), ('admin', 'Administration'), ('task', 'Task'), ('command', 'Command')], max_length=8, verbose_name='channel')),
                ('actor_id', models.UUIDField(null=True, verbose_name='person')),
                ('agency_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='acting agencies')),
                ('object_type', models.CharField(blank=True, max_length=60, verbose_name='kind of object')),
                ('object_ids', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='objects')),
                ('case_id', models.UUIDField(db_index=True, null=True, verbose_name='case')),
                ('field_names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='fields')),
                ('detail', models.JSONField(default=dict, verbose_name='detail')),
                ('request_id', models.UUIDField(null=True, verbose_name='request')),
            ],
            options={
                'verbose_name': 'audit event',
                'verbose_name_plural': 'audit trail',
                'ordering': ['-at', '-id'],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['actor_id', '-at'], name='audit_actor'), models.Index(fields=['action', '-at'], name='audit_action')],
            },
        ),
        migrations.CreateModel(
            name='Subdivision',
            fields=[
                ('code', models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name='ISO 3166-2 code')),
                ('country', models.CharField(choices=[('US', 'United States'), ('MX', 'Mexico'), ('CA', 'Canada')], max_length=2, verbose_name='country')),
                ('kind', models.CharField(choices=[('state', 'State'), ('district', 'Federal district'), ('territory', 'Territory'), ('entity', 'Federal entity'), ('province', 'Province')], max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('name_en', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('name_es', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('name_fr', models.CharField(max_length=80, null=True, verbose_name='name')),
                ('fips', models.CharField(blank=True, max_length=2, verbose_name='FIPS state code')),
                ('sgc', models.CharField(blank=True, max_length=2, verbose_name='SGC province code')),
                ('inegi', models.CharField(blank=True, max_length=2, verbose_name='INEGI entity code')),
                ('ncic', models.CharField(blank=True, max_length=2, verbose_name='NCIC code')),
                ('latitude', models.FloatField(verbose_name='latitude of the center')),
                ('longitude', models.FloatField(verbose_name='longitude of the center')),
                ('outline', models.JSONField(default=list, help_text='Rings of latitude and longitude.', verbose_name='simplified outline')),
                ('neighbors', models.ManyToManyField(blank=True, to='agencies.subdivision', verbose_name='neighbors')),
            ],
            options={
                'verbose_name': 'state, entity or province',
                'verbose_name_plural': 'states, entities and provinces',
                'ordering': ['country', 'code'],
            },
        ),
        migrations.CreateModel(
            name='AlertProgram',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('name_en', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('name_es', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('name_fr', models.CharField(max_length=160, null=True, verbose_name='name')),
                ('country', models.CharField(choices=[('US', 'United States'), ('MX', 'Mexico'), ('CA', 'Canada')], max_length=2, verbose_name='country')),
                ('time_zone', models.CharField(max_length=40, verbose_name='time zone')),
                ('number_prefix', models.SlugField(max_length=12, unique=True, verbose_name='prefix of alert numbers')),
                ('cap_sender', models.CharField(max_length=120, unique=True, verbose_name='CAP sender')),
                ('tip_phone', models.CharField(help_text='E.164 format.', max_length=20, verbose_name='tip line')),
                ('tip_phone_display', models.CharField(max_length=40, verbose_name='tip line as shown')),
                ('abroad_phone', models.CharField(help_text='E.164 format.', max_length=20, verbose_name='tip line from abroad')),
                ('languages_required', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('en', 'English'), ('es', 'Español'), ('fr', 'Français')], max_length=2), default=list, size=None, verbose_name='languages required for activation')),
                ('cancel_on_recovery', models.BooleanField(default=False, help_text="When identity is confirmed, the portal cancels in the program's own name.", verbose_name='standing authority to cancel on recovery')),
                ('single_officer_activation', models.BooleanField(default=False, verbose_name='single-officer activation allowed')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programs', to='agencies.agency', verbose_name='agency')),
                ('subdivision', models.ForeignKey(blank=True, help_text='Empty for a national program.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='programs', to='agencies.subdivision', verbose_name='state, entity or province')),
            ],
            options={
                'verbose_name': 'alert program',
                'verbose_name_plural': 'alert programs',
                'ordering': ['country', 'code'],
            },
        ),
        migrations.AddField(
            model_name='agency',
            name='subdivision',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='agencies.subdivision', verbose_name='state, entity or province'),
        ),
        migrations.CreateModel(
            name='AgencyGroupPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='agencies.agency')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'verbose_name': 'permission of a role',
                'verbose_name_plural': 'permissions of roles',
                'abstract': False,
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='AgencyUserPermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='agencies.agency')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'permission of a person',
                'verbose_name_plural': 'permissions of persons',
                'abstract': False,
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='CriteriaVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('effective_from', models.DateField(verbose_name='effective from')),
                ('effective_to', models.DateField(blank=True, null=True, verbose_name='effective until')),
                ('max_age', models.PositiveSmallIntegerField(default=17, verbose_name='oldest age covered, in years')),
                ('vulnerable_adult_allowed', models.BooleanField(default=False, verbose_name='covers vulnerable adults')),
                ('abduction_test', models.CharField(choices=[('confirmed', 'Abduction confirmed'), ('reasonable_belief', 'Reasonable belief of an abduction'), ('not_required', 'No abduction required')], max_length=20, verbose_name='abduction test')),
                ('danger_test', models.TextField(verbose_name='danger test')),
                ('danger_test_en', models.TextField(null=True, verbose_name='danger test')),
                ('danger_test_es', models.TextField(null=True, verbose_name='danger test')),
                ('danger_test_fr', models.TextField(null=True, verbose_name='danger test')),
                ('info_test', models.JSONField(default=dict, verbose_name='information test')),
                ('db_entry_required', models.CharField(blank=True, max_length=20, verbose_name='police database entry required')),
                ('parental_policy', models.CharField(choices=[('allowed', 'Allowed'), ('danger_only', 'Only when the child is in imminent danger'), ('homicide_only', 'Only when the parent committed or attempted murder'), ('life_threatening_only', 'Only in life-threatening situations')], max_length=24, verbose_name='taken by a parent')),
                ('runaway_policy', models.CharField(choices=[('allowed_if_at_risk', 'Allowed when the child is at risk'), ('not_eligible', 'Not covered by the program'), ('other_alert', 'Another kind of alert is used')], max_length=20, verbose_name='runaways')),
                ('max_hours_since_event', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='latest hour after the event')),
                ('min_duration_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='shortest duration, hours')),
                ('max_duration_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='longest duration, hours')),
                ('renewal_deadline_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='last moment to ask for renewal, hours before expiry')),
                ('levels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='levels')),
                ('activating_bodies', models.TextField(verbose_name='who activates')),
                ('activating_bodies_en', models.TextField(null=True, verbose_name='who activates')),
                ('activating_bodies_es', models.TextField(null=True, verbose_name='who activates')),
                ('activating_bodies_fr', models.TextField(null=True, verbose_name='who activates')),
                ('fallback_alert_types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='other kinds of alert')),
                ('message_limits', models.JSONField(blank=True, default=dict, verbose_name='message limits, characters')),
                ('source', models.CharField(max_length=240, verbose_name='source')),
                ('source_url', models.URLField(blank=True, verbose_name='address of the source')),
                ('verified_by', models.CharField(blank=True, max_length=160, verbose_name='verified by')),
                ('verified_at', models.DateField(blank=True, null=True, verbose_name='verified on')),
                ('notes', models.TextField(blank=True, verbose_name='notes')),
                ('notes_en', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('notes_es', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('notes_fr', models.TextField(blank=True, null=True, verbose_name='notes')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='criteria', to='agencies.alertprogram', verbose_name='alert program')),
            ],
            options={
                'verbose_name': 'criteria version',
                'verbose_name_plural': 'criteria versions',
                'ordering': ['program', '-version'],
                'constraints': [models.UniqueConstraint(fields=('program', 'version'), name='one_criteria_version_number'), models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='criteria_end_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('verified_at__isnull', True), ('verified_by', '')), models.Q(models.Q(('verified_by', ''), _negated=True), ('verified_at__isnull', False)), _connector='OR'), name='criteria_verified_by_and_on')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('coordinator', 'AMBER Alert coordinator'), ('duty_officer', 'Duty officer'), ('legal_advisor', 'Legal advisor'), ('staff', 'Staff')], max_length=20, verbose_name='role')),
                ('valid_from', models.DateTimeField(default=django.utils.timezone.now, verbose_name='from')),
                ('valid_until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('is_on_call', models.BooleanField(default=False, verbose_name='on call')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='agencies.agency', verbose_name='agency')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'ordering': ['agency', 'role', 'user'],
                'indexes': [models.Index(fields=['user', 'valid_from'], name='membership_user')],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gt', models.F('valid_from')), _connector='OR'), name='membership_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='RoleGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('coordinator', 'AMBER Alert coordinator'), ('duty_officer', 'Duty officer'), ('legal_advisor', 'Legal advisor'), ('staff', 'Staff')], max_length=20, verbose_name='role')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='role_groups', to='agencies.agency', verbose_name='agency')),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='auth.group', verbose_name='group')),
            ],
            options={
                'verbose_name': 'role in an agency',
                'verbose_name_plural': 'roles in agencies',
                'constraints': [models.UniqueConstraint(fields=('agency', 'role'), name='one_group_per_agency_and_role')],
            },
        ),
        migrations.CreateModel(
            name='SubmittedAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=120, verbose_name='action')),
                ('key', models.CharField(max_length=80, verbose_name='key')),
                ('fingerprint', models.CharField(blank=True, max_length=64, verbose_name='fingerprint')),
                ('result', models.JSONField(null=True, verbose_name='result')),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='when')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'submitted act',
                'verbose_name_plural': 'submitted acts',
                'constraints': [models.UniqueConstraint(fields=('user', 'action', 'key'), name='one_result_per_submitted_act')],
            },
        ),
    ]
