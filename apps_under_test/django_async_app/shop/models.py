"""The tables, created by whoever runs the database."""

from django.db import models
from django.db.models.functions import Now


class User(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    token = models.TextField(unique=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "users"


class Article(models.Model):
    id = models.BigIntegerField(primary_key=True)
    title = models.TextField()
    summary = models.TextField()
    author = models.TextField()
    published_on = models.DateField()

    class Meta:
        managed = False
        db_table = "articles"


class Product(models.Model):
    id = models.BigIntegerField(primary_key=True)
    sku = models.TextField(unique=True)
    price_cents = models.IntegerField()
    stock = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "products"


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING)
    product = models.ForeignKey(Product, on_delete=models.DO_NOTHING)
    quantity = models.IntegerField()
    total_cents = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        managed = False
        db_table = "orders"
