"""Warnings that the last role for something ends: rows of their own, behind the second lock (U36, ADR 32)."""

import agencies.identifiers
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agencies', '0017_second_factor'),
        ('alerts', '0044_handed_on_to'),
        ('cases', '0036_decisions_that_were_the_programs_own'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='case'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('request_received', 'Request received'), ('request_answered', 'Request answered'), ('review_wanted', 'Legal opinion wanted'), ('review_answered', 'Legal opinion answered'), ('review_withdrawn', 'Question to the legal advisors withdrawn'), ('review_released', 'Legal opinion released to you'), ('review_overdue', 'Legal opinion overdue'), ('correction_accepted', 'Your correction was taken over'), ('correction_refused', 'Your correction was not taken over'), ('request_withdrawn', 'Request withdrawn'), ('request_updated', 'Facts changed since the request'), ('question_asked', 'Question about a request'), ('question_answered', 'Question answered'), ('cancellation_asked', 'Cancellation asked for'), ('approval_wanted', 'Approval wanted'), ('recovery', 'Recovery'), ('child_located', 'Child located, identity pending'), ('search_goes_on', 'Another child was found: the search goes on'), ('search_reopened', 'The search was taken up again'), ('cancel_duty', 'Alert to be cancelled'), ('notice_to_end', 'Notice to be ended'), ('duty_overdue', 'Duty overdue'), ('overdue_elsewhere', 'Duty of a program without portal overdue'), ('sighting', 'Sighting added'), ('facts_changed', 'Facts changed, please acknowledge'), ('update_prepared', 'Update prepared'), ('update_wanted', 'Approval of an update wanted'), ('taken_down', 'Withdrawn from the public'), ('term_ending', 'Decision on the term wanted'), ('outside_corrected', 'Alert outside the portal corrected'), ('outside_renewed', 'Alert outside the portal renewed'), ('tell_by_phone', 'Program without portal to be told'), ('national_ended', 'National alert cancelled'), ('request_handed_on', 'Request handed to another program'), ('text_review_wanted', 'Review of words wanted'), ('text_reviewed', 'Words of an alert reviewed'), ('approval_refused', 'Alert not approved'), ('nobody_to_approve', 'Nobody else may approve an alert'), ('single_officer', 'Alert activated by a single officer'), ('fallback_used', 'Another agency decides under a fallback rule'), ('handover_offered', 'Case offered to you'), ('handover_accepted', 'Hand-over of a case accepted'), ('handover_refused', 'Hand-over of a case refused'), ('handover_withdrawn', 'Offer of a case withdrawn'), ('handover_expired', 'Offer of a case expired'), ('home_waiting', "Your program's own decision is waited for"), ('home_decided', 'The home program has decided'), ('hub_told', 'An alert beyond the territory was asked for'), ('decider_told', 'A request abroad was sent, on which you may decide'), ('reader_named', 'An operator named a reader of a sealed case'), ('program_unread', 'Nobody of a program is named in a sealed case'), ('lead_changed', 'Another agency leads the case'), ('role_ending', 'A last role ends')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RoleEnding',
            fields=[
                ('id', models.UUIDField(default=agencies.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('approver', 'last approver'), ('contact', 'last duty contact'), ('desk', 'last duty contact of a desk'), ('reader', 'last reader who can lift a seal')], max_length=10, verbose_name='role')),
                ('ends_at', models.DateTimeField(verbose_name='end of the last role')),
                ('hours_before', models.PositiveSmallIntegerField(verbose_name='warned so many hours before')),
                ('told_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='told')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agencies.agency', verbose_name='agency')),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case', verbose_name='case')),
                ('program', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agencies.alertprogram', verbose_name='program')),
            ],
            options={
                'verbose_name': 'end of a last role',
                'verbose_name_plural': 'ends of last roles',
                'ordering': ['-told_at', '-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.AddField(
            model_name='notice',
            name='role_ending',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='alerts.roleending', verbose_name='end of a last role'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('role_ending__isnull', True)), models.Q(('case__isnull', True), ('role_ending__isnull', False)), _connector='OR'), name='notice_is_of_a_case_or_a_role'),
        ),
        migrations.AddConstraint(
            model_name='roleending',
            constraint=models.UniqueConstraint(fields=('role', 'program', 'agency', 'case', 'ends_at', 'hours_before'), name='one_warning_of_an_end', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='roleending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agency__isnull', True), ('case__isnull', True), ('program__isnull', False), ('role__in', ('approver', 'contact'))), models.Q(('agency__isnull', False), ('case__isnull', True), ('program__isnull', True), ('role', 'desk')), models.Q(('agency__isnull', False), ('case__isnull', False), ('program__isnull', True), ('role', 'reader')), _connector='OR'), name='end_of_a_role_is_somebodys'),
        ),
        migrations.RunSQL(
            "CALL amber_protect('alerts_roleending', 'amber_sees_case(case_id)');",
            "DROP POLICY seen ON alerts_roleending; DROP POLICY purged ON alerts_roleending;"
            " ALTER TABLE alerts_roleending DISABLE ROW LEVEL SECURITY;",
        ),
    ]
