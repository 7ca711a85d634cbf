import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0001_initial"),
        ("people", "__first__"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("month", models.DateField()),
                ("yen", models.PositiveBigIntegerField()),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "請求ずみ"),
                            ("paid", "入金ずみ"),
                            ("void", "取り消し"),
                        ],
                        default="issued",
                        max_length=6,
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("-issued_on", "-number"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="invoice_uid_once"
                    ),
                    models.UniqueConstraint(
                        fields=("programme", "fiscal_year", "number"), name="invoice_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("paid_on__isnull", True), ("state", "issued"), ("void_reason", "")
                            ),
                            models.Q(
                                ("paid_on__isnull", False),
                                ("state", "paid"),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            models.Q(
                                ("paid_on__isnull", True),
                                ("state", "void"),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="invoice_state_has_its_facts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bought", "購入"),
                            ("handed", "手渡し"),
                            ("lapsed", "消えたもの"),
                            ("started", "はじめの分"),
                            ("advanced", "前貸し"),
                            ("returned", "前貸しの返済"),
                            ("deposit", "お礼からの預託"),
                            ("printed", "紙の券にしたもの"),
                            ("taken_in", "紙の券からもどしたもの"),
                        ],
                        max_length=8,
                    ),
                ),
                ("use", models.CharField(blank=True, max_length=20)),
                ("amount", models.BigIntegerField()),
                ("yen", models.BigIntegerField(default=0)),
                ("office_yen", models.BigIntegerField(default=0)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="movement_uid_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            ("office_yen__gte", 0),
                            ("office_yen__lte", models.F("yen")),
                            ("yen__gte", 0),
                        ),
                        name="movement_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficeAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_encrypted", models.BinaryField()),
                ("set_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PaidHelp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("activity", models.CharField(blank=True, max_length=40)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("settlement", models.CharField(max_length=10)),
                ("rule", models.CharField(max_length=40)),
                ("pieces", models.PositiveIntegerField(default=0)),
                ("payer_yen", models.PositiveBigIntegerField()),
                ("person_yen", models.PositiveBigIntegerField()),
                ("costs_yen", models.PositiveBigIntegerField(default=0)),
                ("donated_yen", models.PositiveBigIntegerField(default=0)),
                ("deposited_yen", models.PositiveBigIntegerField(default=0)),
                ("office_yen", models.PositiveBigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "請求の前"),
                            ("billed", "請求ずみ"),
                            ("settled", "精算ずみ"),
                            ("void", "取り消し"),
                        ],
                        max_length=7,
                    ),
                ),
                ("payments_returned", models.PositiveSmallIntegerField(default=0)),
                ("recorded_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("void_at", models.DateTimeField(blank=True, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
                (
                    "helped",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "helper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="earnings.invoice",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "void_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("start", "id"),
                "indexes": [
                    models.Index(
                        fields=["programme", "start"], name="earnings_pa_program_ecbf78_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="paidhelp_uid_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("start__lt", models.F("end"))),
                        name="paidhelp_start_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("helper", models.F("helped")), _negated=True),
                        name="paidhelp_of_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "payer_yen",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("person_yen"), "+", models.F("donated_yen")
                                        ),
                                        "+",
                                        models.F("deposited_yen"),
                                    ),
                                    "+",
                                    models.F("office_yen"),
                                ),
                            )
                        ),
                        name="paidhelp_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "void"),
                                ("void_at__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "void"), _negated=True),
                                ("void_at__isnull", True),
                                ("void_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="paidhelp_void_has_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invoice__isnull", True), ("state", "open")),
                            models.Q(("invoice__isnull", False), ("state", "billed")),
                            ("state__in", ("settled", "void")),
                            _connector="OR",
                        ),
                        name="paidhelp_billed_has_its_invoice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("token", models.CharField(max_length=32)),
                ("vintage", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("out", "出ている"), ("in", "もどった"), ("void", "無効")],
                        default="out",
                        max_length=4,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "printed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="earnings.movement",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "taken_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="earnings.movement",
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "number"), name="paper_number_once"
                    ),
                    models.UniqueConstraint(
                        fields=("municipality", "token"), name="paper_token_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in"), ("taken_in__isnull", False)),
                            models.Q(
                                models.Q(("state", "in"), _negated=True), ("taken_in__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="paper_in_has_its_movement",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentReturn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("reason", models.CharField(max_length=200)),
                ("paid_on", models.DateField()),
                ("reference", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "承認待ち"),
                            ("done", "取り消しずみ"),
                            ("cancelled", "取りやめ"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="earnings.invoice",
                    ),
                ),
                (
                    "moved_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="earnings.invoice",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="paymentreturn_uid_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("invoice",),
                        name="paymentreturn_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("moved_to", models.F("invoice")), _negated=True),
                        name="paymentreturn_moves_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "asked")),
                            models.Q(
                                ("decided_at__isnull", False), ("state__in", ("done", "cancelled"))
                            ),
                            _connector="OR",
                        ),
                        name="paymentreturn_decided_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("activity", models.CharField(max_length=40)),
                ("host", models.CharField(blank=True, max_length=40)),
                ("rewarded", models.BooleanField(default=False)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("void_at", models.DateTimeField(blank=True, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="people.person",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "void_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("start", "id"),
                "indexes": [
                    models.Index(
                        fields=["programme", "start"], name="earnings_re_program_2a85fd_idx"
                    ),
                    models.Index(
                        fields=["programme", "person", "start"],
                        name="earnings_re_program_bda5b7_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="record_uid_once"),
                    models.CheckConstraint(
                        condition=models.Q(("start__lt", models.F("end"))),
                        name="record_start_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("void_at__isnull", True), ("void_reason", "")),
                            models.Q(
                                ("void_at__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="record_void_has_its_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("use", models.CharField(max_length=20)),
                ("detail", models.CharField(blank=True, max_length=80)),
                ("amount", models.BigIntegerField()),
                ("quantity", models.PositiveIntegerField(default=0)),
                ("value_yen", models.BigIntegerField()),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "確認待ち"),
                            ("approved", "承認ずみ"),
                            ("done", "完了"),
                            ("refused", "見送り"),
                            ("cancelled", "取り消し"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("holds", models.JSONField(default=list)),
                ("payee_encrypted", models.BinaryField(null=True)),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("reference", models.CharField(blank=True, max_length=60)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redemptions",
                        to="people.person",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="redemption_uid_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("value_yen__gte", 0)),
                        name="redemption_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "asked")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ("approved", "done", "refused")),
                            ),
                            ("state", "cancelled"),
                            _connector="OR",
                        ),
                        name="redemption_decided_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("name", models.CharField(max_length=80)),
                ("kana", models.CharField(max_length=120)),
                ("payee_encrypted", models.BinaryField(null=True)),
                ("registered_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("kana", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="shop_uid_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("programme", "name"),
                        name="shop_name_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("programme", "user"),
                        name="shop_login_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("coupons", models.PositiveIntegerField()),
                ("yen", models.PositiveBigIntegerField()),
                ("reference", models.CharField(max_length=60)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="earnings.shop",
                    ),
                ),
            ],
            options={
                "ordering": ("-month", "shop__kana", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "month"), name="shoppayment_month_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("token", models.CharField(max_length=8)),
                ("face", models.CharField(max_length=40)),
                ("only_at", models.CharField(blank=True, max_length=80)),
                ("yen", models.PositiveBigIntegerField()),
                ("last_day", models.DateField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("out", "使えます"), ("in", "使用ずみ"), ("void", "無効")],
                        default="out",
                        max_length=4,
                    ),
                ),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("taken_uid", models.UUIDField(blank=True, null=True)),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=200)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
                (
                    "redemption",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="coupons",
                        to="earnings.redemption",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="earnings.shop",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="earnings.shoppayment",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at", "place", "id"),
                "indexes": [
                    models.Index(fields=["shop", "taken_at"], name="earnings_co_shop_id_573da4_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "token"), name="coupon_token_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "void"), _negated=True),
                        fields=("redemption", "place"),
                        name="coupon_place_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("shop__isnull", False),
                                ("state", "in"),
                                ("taken_at__isnull", False),
                                ("taken_uid__isnull", False),
                            ),
                            models.Q(
                                models.Q(("state", "in"), _negated=True),
                                ("payment__isnull", True),
                                ("shop__isnull", True),
                                ("taken_at__isnull", True),
                                ("taken_uid__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="coupon_in_has_its_shop",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "void"), models.Q(("void_reason", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("state", "void"), _negated=True), ("void_reason", "")
                            ),
                            _connector="OR",
                        ),
                        name="coupon_void_has_its_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField()),
                (
                    "insured",
                    models.CharField(
                        choices=[
                            ("first", "第1号被保険者"),
                            ("second", "第2号被保険者"),
                            ("none", "どちらでもない"),
                        ],
                        max_length=6,
                    ),
                ),
                ("lives", models.BooleanField()),
                ("works", models.BooleanField()),
                ("studies", models.BooleanField()),
                ("recorded_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="standings",
                        to="people.person",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("since",),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "since"), name="standing_day_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("use", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("left", models.PositiveIntegerField()),
                ("changed_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "use", "name"), name="stock_item_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="YearClosing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("people", models.PositiveIntegerField()),
                ("units", models.BigIntegerField()),
                ("granted", models.BigIntegerField()),
                ("value_yen", models.BigIntegerField()),
                ("leftover", models.BigIntegerField()),
                ("closed_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closings",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("-fiscal_year",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "fiscal_year"), name="year_closed_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FeePayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("name", models.CharField(max_length=80)),
                ("fiscal_year", models.PositiveSmallIntegerField(default=0)),
                ("yen", models.PositiveIntegerField()),
                ("reference", models.CharField(max_length=60)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="fee_uid_once"),
                    models.UniqueConstraint(
                        fields=("programme", "person", "name", "fiscal_year"), name="fee_paid_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("amount", models.BigIntegerField()),
                ("rule", models.CharField(max_length=40)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="people.person",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
                "indexes": [
                    models.Index(
                        fields=["programme", "person", "fiscal_year"],
                        name="earnings_gr_program_1a36d6_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="grant_uid_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True),
                        name="grant_moves_something",
                    ),
                ],
            },
        ),
    ]
