"""Hand-overs between the shifts of a desk, and promises by telephone, behind the second lock (U41, ADR 77)."""

import agencies.identifiers
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0019_program_ladder'),
        ('alerts', '0048_ladders'),
        ('cases', '0036_decisions_that_were_the_programs_own'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ShiftNote',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('ends_at', models.DateTimeField(verbose_name='end of the shift')),
                ('leaving', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None, verbose_name='whose shift ends')),
                ('coming', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None, verbose_name='who is on duty next')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='prepared')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted')),
                ('handed', models.JSONField(blank=True, default=dict, verbose_name='handed over')),
                ('alarmed_at', models.DateTimeField(blank=True, null=True, verbose_name='supervisors told')),
                ('dropped_at', models.DateTimeField(blank=True, null=True, verbose_name='no longer needed')),
            ],
            options={
                'verbose_name': 'hand-over of a shift',
                'verbose_name_plural': 'hand-overs of shifts',
                'ordering': ['-created_at', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ShiftPromise',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('words', models.CharField(max_length=300, verbose_name='what was promised, and to whom')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='settled')),
            ],
            options={
                'verbose_name': 'promise by telephone',
                'verbose_name_plural': 'promises by telephone',
                'ordering': ['-created_at', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_is_of_a_case_or_a_role',
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('request_received', 'Request received'), ('request_answered', 'Request answered'), ('review_wanted', 'Legal opinion wanted'), ('review_answered', 'Legal opinion answered'), ('review_withdrawn', 'Question to the legal advisors withdrawn'), ('review_released', 'Legal opinion released to you'), ('review_overdue', 'Legal opinion overdue'), ('correction_accepted', 'Your correction was taken over'), ('correction_refused', 'Your correction was not taken over'), ('request_withdrawn', 'Request withdrawn'), ('request_updated', 'Facts changed since the request'), ('question_asked', 'Question about a request'), ('question_answered', 'Question answered'), ('cancellation_asked', 'Cancellation asked for'), ('approval_wanted', 'Approval wanted'), ('recovery', 'Recovery'), ('child_located', 'Child located, identity pending'), ('search_goes_on', 'Another child was found: the search goes on'), ('search_reopened', 'The search was taken up again'), ('cancel_duty', 'Alert to be cancelled'), ('notice_to_end', 'Notice to be ended'), ('duty_overdue', 'Duty overdue'), ('overdue_elsewhere', 'Duty of a program without portal overdue'), ('sighting', 'Sighting added'), ('facts_changed', 'Facts changed, please acknowledge'), ('update_prepared', 'Update prepared'), ('update_wanted', 'Approval of an update wanted'), ('taken_down', 'Withdrawn from the public'), ('term_ending', 'Decision on the term wanted'), ('outside_corrected', 'Alert outside the portal corrected'), ('outside_renewed', 'Alert outside the portal renewed'), ('tell_by_phone', 'Program without portal to be told'), ('national_ended', 'National alert cancelled'), ('request_handed_on', 'Request handed to another program'), ('text_review_wanted', 'Review of words wanted'), ('text_reviewed', 'Words of an alert reviewed'), ('approval_refused', 'Alert not approved'), ('nobody_to_approve', 'Nobody else may approve an alert'), ('single_officer', 'Alert activated by a single officer'), ('fallback_used', 'Another agency decides under a fallback rule'), ('handover_offered', 'Case offered to you'), ('handover_accepted', 'Hand-over of a case accepted'), ('handover_refused', 'Hand-over of a case refused'), ('handover_withdrawn', 'Offer of a case withdrawn'), ('handover_expired', 'Offer of a case expired'), ('home_waiting', "Your program's own decision is waited for"), ('home_decided', 'The home program has decided'), ('hub_told', 'An alert beyond the territory was asked for'), ('decider_told', 'A request abroad was sent, on which you may decide'), ('reader_named', 'An operator named a reader of a sealed case'), ('program_unread', 'Nobody of a program is named in a sealed case'), ('unacknowledged', 'Request not acknowledged yet'), ('unheard_to_hub', 'A program does not acknowledge a request'), ('call_program', 'Nobody acknowledges: call the program'), ('term_unanswered', 'A program has not decided on its term'), ('lead_changed', 'Another agency leads the case'), ('role_ending', 'A last role ends'), ('shift_prepared', 'Hand-over of a shift to accept'), ('shift_unaccepted', 'Nobody has taken over from a shift')], max_length=20, verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='shiftnote',
            name='accepted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepted by'),
        ),
        migrations.AddField(
            model_name='shiftnote',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency'),
        ),
        migrations.AddField(
            model_name='notice',
            name='shift',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='alerts.shiftnote', verbose_name='hand-over of a shift'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('role_ending__isnull', True), ('shift__isnull', True)), models.Q(('case__isnull', True), ('role_ending__isnull', False), ('shift__isnull', True)), models.Q(('case__isnull', True), ('role_ending__isnull', True), ('shift__isnull', False)), _connector='OR'), name='notice_is_of_a_case_a_role_or_a_shift'),
        ),
        migrations.AddField(
            model_name='shiftpromise',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency', verbose_name='agency'),
        ),
        migrations.AddField(
            model_name='shiftpromise',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='case'),
        ),
        migrations.AddField(
            model_name='shiftpromise',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by'),
        ),
        migrations.AddField(
            model_name='shiftpromise',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by'),
        ),
        migrations.AddIndex(
            model_name='shiftnote',
            index=models.Index(condition=models.Q(('accepted_at__isnull', True), ('alarmed_at__isnull', True)), fields=['ends_at'], name='shift_note_open'),
        ),
        migrations.AddConstraint(
            model_name='shiftnote',
            constraint=models.UniqueConstraint(fields=('agency', 'ends_at'), name='one_note_per_desk_and_end'),
        ),
        migrations.AddConstraint(
            model_name='shiftnote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at__isnull', True), ('accepted_by__isnull', True)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='shift_note_accepted_at_and_by'),
        ),
        migrations.AddIndex(
            model_name='shiftpromise',
            index=models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['agency'], name='promise_open'),
        ),
        migrations.AddConstraint(
            model_name='shiftpromise',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True)), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='promise_settled_at_and_by'),
        ),
        migrations.RunSQL(
            "CALL amber_protect('alerts_shiftnote', 'agency_id = ANY (amber_agencies())');"
            " CALL amber_protect('alerts_shiftpromise',"
            " 'agency_id = ANY (amber_agencies()) AND (case_id IS NULL OR amber_sees_case(case_id))');",
            "DROP POLICY seen ON alerts_shiftpromise; DROP POLICY purged ON alerts_shiftpromise;"
            " ALTER TABLE alerts_shiftpromise DISABLE ROW LEVEL SECURITY;"
            " DROP POLICY seen ON alerts_shiftnote; DROP POLICY purged ON alerts_shiftnote;"
            " ALTER TABLE alerts_shiftnote DISABLE ROW LEVEL SECURITY;",
        ),
    ]
