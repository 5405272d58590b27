"""Django's settings. What can be set from outside is read in environment.py, nowhere else."""

from typing import Any

from django.utils.translation import get_language_info

from wherewithal.kit import cluster
from wherewithal.site import environment, logs

HOME = environment.home()
SECRET_KEY = environment.secret_key(HOME)
DEBUG = environment.flag("WHEREWITHAL_DEBUG")
HTTPS = environment.flag("WHEREWITHAL_HTTPS")

ALLOWED_HOSTS = [*environment.words("WHEREWITHAL_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in environment.words("WHEREWITHAL_HOSTS")] if HTTPS else []

LOGGING = logs.configuration(environment.text("WHEREWITHAL_LOG"))

# --- rooms ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "wherewithal.web",  # before allauth: its templates clothe allauth's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_cotton",
    "procrastinate.contrib.django",
    "wherewithal.kit",
    "wherewithal.ledger",
    "wherewithal.people",
    "wherewithal.parties",
    "wherewithal.items",
    "wherewithal.stock",
    "wherewithal.assets",
    "wherewithal.reporting",
    "wherewithal.feeds",
    "wherewithal.api",
]

MIDDLEWARE = [
    "wherewithal.site.logs.request_log",
    "wherewithal.site.health.measure",
    "django.middleware.security.SecurityMiddleware",
    "wherewithal.site.security.security_headers",
    "wherewithal.api.middleware.straight_to_api",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wherewithal.web.language.own_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wherewithal.web.checking.CheckForms",
]

ROOT_URLCONF = "wherewithal.site.urls"
WSGI_APPLICATION = "wherewithal.site.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wherewithal.web.shell.context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "wherewithal.web.templatetags.web",
            ],
        },
    },
]

# --- database: `default` is the application's role, `owner` is for migrations only ----------------------------

DATABASE = cluster.describe(
    url=environment.text("DATABASE_URL"),
    app_url=environment.text("DATABASE_APP_URL"),
    home=HOME,
    secret_key=SECRET_KEY,
)
DATABASES = cluster.django_databases(DATABASE, pool_size=environment.number("WHEREWITHAL_POOL"))
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "wherewithal.site.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- long work: modules with jobs, besides each room's tasks.py ---------------------------------------------

PROCRASTINATE_IMPORT_PATHS = ["wherewithal.kit.jobs"]

# --- languages and times ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [(code, get_language_info(code)["name"]) for code in environment.languages()]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files --------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "attachments"
BACKUPS_KEPT = environment.number("WHEREWITHAL_BACKUPS_KEPT")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "wherewithal.site.static.Storage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

SILENCED_SYSTEM_CHECKS: list[str] = []
