from django.urls import include, path

urlpatterns = [
    path("", include("wherewithal.site.health")),
    path("accounts/", include("allauth.urls")),
    path("", include("wherewithal.api.urls")),
    path("", include("wherewithal.web.urls")),
]
