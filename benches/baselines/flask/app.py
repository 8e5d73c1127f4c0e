"""The article's service over DynamoDB, as a Python developer would run it on Lambda."""

import boto3
from apig_wsgi import make_lambda_handler
from boto3.dynamodb.conditions import Attr, Key
from flask import Flask, abort, jsonify, make_response, request, url_for
from flask_httpauth import HTTPBasicAuth

TASKS = '/todo/api/v1.0/tasks'
TASK = TASKS + '/<int:task_id>'
# The id of the item that holds a user's last task id.
COUNTER = 0
FIELDS = {'title': str, 'description': str, 'done': bool}

app = Flask(__name__)
auth = HTTPBasicAuth()
table = boto3.resource('dynamodb').Table('tasks')


@auth.get_password
def get_password(username):
    if username == 'miguel':
        return 'python'
    return None


@auth.error_handler
def unauthorized():
    return make_response(jsonify({'error': 'Unauthorized access'}), 401)


@app.errorhandler(404)
def not_found(error):
    return make_response(jsonify({'error': 'Not found'}), 404)


@app.route(TASKS, methods=['GET'])
@auth.login_required
def get_tasks():
    found = table.query(
        KeyConditionExpression=Key('username').eq(auth.current_user()) & Key('id').gt(COUNTER),
        Limit=20,
        ConsistentRead=True,
    )
    return jsonify({'tasks': [make_public_task(task) for task in found['Items']]})


@app.route(TASK, methods=['GET'])
@auth.login_required
def get_task(task_id):
    found = table.get_item(Key=key(task_id), ConsistentRead=True)
    if 'Item' not in found:
        abort(404)
    return jsonify({'task': make_public_task(found['Item'])})


@app.route(TASKS, methods=['POST'])
@auth.login_required
def create_task():
    fields = read_fields()
    if 'title' not in fields:
        abort(400)
    counted = table.update_item(
        Key={'username': auth.current_user(), 'id': COUNTER},
        UpdateExpression='ADD last_id :one',
        ExpressionAttributeValues={':one': 1},
        ReturnValues='UPDATED_NEW',
    )
    task = {
        **key(counted['Attributes']['last_id']),
        'title': fields['title'],
        'description': fields.get('description', ''),
        'done': False,
    }
    table.put_item(Item=task)
    return jsonify({'task': make_public_task(task)}), 201


@app.route(TASK, methods=['PUT'])
@auth.login_required
def update_task(task_id):
    fields = read_fields()
    if not fields:
        return get_task(task_id)
    try:
        updated = table.update_item(
            Key=key(task_id),
            UpdateExpression='SET ' + ', '.join(f'#{name} = :{name}' for name in fields),
            ConditionExpression=Attr('id').exists(),
            ExpressionAttributeNames={f'#{name}': name for name in fields},
            ExpressionAttributeValues={f':{name}': value for name, value in fields.items()},
            ReturnValues='ALL_NEW',
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        abort(404)
    return jsonify({'task': make_public_task(updated['Attributes'])})


@app.route(TASK, methods=['DELETE'])
@auth.login_required
def delete_task(task_id):
    deleted = table.delete_item(Key=key(task_id), ReturnValues='ALL_OLD')
    if 'Attributes' not in deleted:
        abort(404)
    return jsonify({'result': True})


def key(task_id):
    if task_id == COUNTER:
        abort(404)
    return {'username': auth.current_user(), 'id': task_id}


def read_fields():
    body = request.get_json(silent=True)
    if not body or not isinstance(body, dict):
        abort(400)
    fields = {name: body[name] for name in FIELDS if name in body}
    if any(type(value) is not FIELDS[name] for name, value in fields.items()):
        abort(400)
    return fields


def make_public_task(task):
    public = {name: task[name] for name in FIELDS}
    public['uri'] = url_for('get_task', task_id=task['id'], _external=True)
    return public


lambda_handler = make_lambda_handler(app)
