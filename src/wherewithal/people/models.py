"""Users, what they may do in which company, and the tokens of programs that act for them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now


class UserManager(BaseUserManager["User"]):
    """Finds users for Django's log-in; making them is people.services.create_user."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person (or a machine) that can sign in. What they may do hangs on memberships, never on the user."""

    id = models.BigAutoField(primary_key=True)
    username = models.TextField(unique=True)
    email = models.EmailField(blank=True, default="", db_default="")
    name = models.TextField(blank=True, default="", db_default="")
    language = models.TextField(blank=True, default="", db_default="")  # '': what the browser asks for
    is_active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        db_table = "people_user"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="people_user_username_anycase"),
            models.UniqueConstraint(Lower("email"), name="people_user_email_anycase", condition=~Q(email="")),
        ]

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.username


class Membership(models.Model):
    """The roles of one user in one company."""

    id = models.BigAutoField(primary_key=True)
    company_id = models.IntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.TextField())
    active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "people_membership"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "user"], name="people_membership_key"),
            models.UniqueConstraint(fields=["company_id", "id"], name="people_membership_company_key"),
        ]


class Token(models.Model):
    """A secret that lets a program act for a user in one company, within scopes. Only its hash is kept."""

    id = models.BigAutoField(primary_key=True)
    company_id = models.IntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.TextField()
    token_hash = models.BinaryField()
    scopes = ArrayField(models.TextField())
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "people_token"
        constraints = [
            models.UniqueConstraint(fields=["company_id", "token_hash"], name="people_token_hash_key"),
            models.UniqueConstraint(fields=["company_id", "id"], name="people_token_company_key"),
        ]
